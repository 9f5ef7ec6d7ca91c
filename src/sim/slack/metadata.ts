import { isObject } from './check.js';
import { SlackError } from './slack-error.js';

/** What an app keeps with a message, where people do not see it. */
export interface MessageMetadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

const maxCharacters = 16_000;

/**
 * Reads the metadata of a message, as JSON or as it is; `undefined`: there is none.
 *
 * @throws SlackError `invalid_metadata_format` or `metadata_too_large`
 */
export function readMetadata(given: unknown): MessageMetadata | undefined {
  if (given === undefined) return undefined;
  const metadata = typeof given === 'string' ? parse(given) : given;
  if (!isObject(metadata)) throw new SlackError('invalid_metadata_format');
  const { event_type, event_payload, ...others } = metadata;
  const isWhole =
    typeof event_type === 'string' &&
    /^\w+$/.test(event_type) &&
    isObject(event_payload) &&
    Object.keys(others).length === 0;
  if (!isWhole) throw new SlackError('invalid_metadata_format');
  if (JSON.stringify(metadata).length > maxCharacters) throw new SlackError('metadata_too_large');
  return { event_type, event_payload };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackError('invalid_metadata_format');
  }
}
