import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.js';
import type { SimReply, SimRequest } from '../http.js';
import { type Block, readBlocks } from './blocks.js';
import { isObject } from './check.js';
import { identity } from './identity.js';
import { SlackError } from './slack-error.js';
import type { Channel, Workspace } from './workspace.js';

/** A message that only one person sees. */
export interface EphemeralMessage {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** The `response_url`s of interactions. */
export interface ResponseUrls {
  /** Messages sent through them to one person, oldest first. */
  readonly ephemerals: readonly EphemeralMessage[];
  /** The path of a new one, for an interaction of a user with a message. */
  issue(channel: Channel, ts: string, userId: string): string;
  /** Answers a post to one. */
  answer(request: SimRequest): SimReply;
}

interface Grant {
  readonly channel: Channel;
  readonly ts: string;
  readonly userId: string;
  readonly expiresAtMs: number;
  usesLeft: number;
}

const lifetimeMs = 30 * 60 * 1000;
const uses = 5;

/** Every `response_url` serves five times within 30 minutes, as Slack's do. */
export function createResponseUrls(options: {
  readonly clock: Clock;
  readonly workspace: Workspace;
}): ResponseUrls {
  const { clock, workspace } = options;
  const grants = new Map<string, Grant>();
  const ephemerals: EphemeralMessage[] = [];

  function spend(path: string): Grant {
    const grant = grants.get(path);
    if (grant === undefined || clock.now() > grant.expiresAtMs) throw new SlackError('expired_url');
    if (grant.usesLeft === 0) throw new SlackError('used_url');
    grant.usesLeft -= 1;
    return grant;
  }

  function carryOut({ channel, ts, userId }: Grant, told: Record<string, unknown>): void {
    if (told.delete_original === true) {
      workspace.remove(channel, ts);
      return;
    }
    if (told.replace_original === true) {
      workspace.update(channel, ts, told);
      return;
    }
    if (told.response_type === 'in_channel') {
      workspace.post(channel, told);
      return;
    }
    const text = typeof told.text === 'string' ? told.text : '';
    const blocks = told.blocks === undefined ? [] : readBlocks(told.blocks);
    if (text === '' && blocks.length === 0) throw new SlackError('no_text');
    ephemerals.push({ channel: channel.id, user: userId, text, blocks, at: clock.now() });
  }

  return {
    ephemerals,
    issue(channel, ts, userId) {
      const path = `/actions/${identity.teamId}/${clock.now()}/${randomBytes(12).toString('hex')}`;
      const expiresAtMs = clock.now() + lifetimeMs;
      grants.set(path, { channel, ts, userId, expiresAtMs, usesLeft: uses });
      return path;
    },
    answer(request) {
      try {
        carryOut(spend(request.path), readJson(request.body));
        return { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' };
      } catch (error) {
        if (!(error instanceof SlackError)) throw error;
        const status = error.code.endsWith('_url') ? 404 : 400;
        const body = JSON.stringify({ ok: false, error: error.code });
        return { status, headers: { 'content-type': 'application/json' }, body };
      }
    },
  };
}

function readJson(body: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new SlackError('invalid_payload');
  }
  if (!isObject(parsed)) throw new SlackError('invalid_payload');
  return parsed;
}
