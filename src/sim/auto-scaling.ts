import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../lib/clock.js';
import { type CapacityChange, createActions } from './auto-scaling/actions.js';
import type { AwsCall } from './auto-scaling/call.js';
import { ec2Error, performEc2 } from './auto-scaling/ec2.js';
import type { GroupPatch, GroupSeed } from './auto-scaling/group.js';
import { createGroups, type GroupState, type InstanceState } from './auto-scaling/groups.js';
import { apiVersion, readCall, unknownAction } from './auto-scaling/query.js';
import { accessDenied, ServiceError } from './auto-scaling/service-error.js';
import { renderXml, type XmlValue } from './auto-scaling/xml.js';
import { createFaults, type Fault } from './faults.js';
import { createSimServer, type SimReply, type SimRequest, type SimSilence } from './http.js';

/** An error of the service. `status` is 400 unless told: 500 for `ResourceContention` and `InternalFailure`. */
interface AwsFault {
  readonly code: string;
  readonly status?: number;
  readonly message?: string;
}

/** A page that something else than AWS answers with: a proxy, or a stand-in that fails. */
interface PageFault {
  readonly page: string;
  /** 200 unless told. */
  readonly status?: number;
}

/** A fault of the service: an error such as `Throttling`, a page that is none of AWS', or silence. */
export type AutoScalingFault = Fault<{ readonly action: string }, AwsFault | PageFault>;

/** A simulated AWS Auto Scaling (and as much of EC2 as its instances need), speaking the AWS Query protocol on loopback. */
export interface AutoScalingSim {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The endpoint, as `AWS_ENDPOINT_URL` wants it. */
  url(): string;
  /** Puts a group in, its instances InService. */
  addGroup(seed: GroupSeed): void;
  /** Changes a group behind the caller's back; `changes` does not record it. */
  changeGroup(name: string, patch: GroupPatch): void;
  /** Protects an instance from scale-in, or no longer. Throws where there is none. */
  protect(instanceId: string, isProtected: boolean): void;
  /** Ends an instance as AWS does of its own accord; the group launches another. Throws where there is none. */
  replace(instanceId: string): void;
  /** How a group stands now. Throws where there is none. */
  group(name: string): GroupState;
  /** The instances of a group, those that come and go included. Throws where there is none. */
  instances(name: string): readonly InstanceState[];
  /** Every change of a desired capacity that took effect, oldest first. */
  readonly changes: readonly CapacityChange[];
  /** The action of every signed call that arrived, failed ones too. */
  readonly calls: readonly string[];
  failNext(fault: AutoScalingFault): void;
  /** From now on the caller has no permission for an action: `SetDesiredCapacity`. */
  deny(action: string): void;
  /** From now on there is no such action, as in services that stand in for AWS. */
  forget(action: string): void;
}

const namespace = `http://autoscaling.amazonaws.com/doc/${apiVersion}/`;

/**
 * A simulated Auto Scaling, as strict as AWS about names, bounds, paging and signatures (whose form and
 * scope it checks, not their value).
 *
 * @param options.launchMs how long an instance takes to be InService, and to be gone; 0 (the default) is at
 *   once
 */
export function createAutoScalingSim(
  options: { readonly clock?: Clock; readonly launchMs?: number } = {},
): AutoScalingSim {
  const groups = createGroups({
    clock: options.clock ?? systemClock,
    launchMs: options.launchMs ?? 0,
  });
  const changes: CapacityChange[] = [];
  const perform = createActions({ groups, record: (change) => changes.push(change) });
  const calls: string[] = [];
  const denied = new Set<string>();
  const forgotten = new Set<string>();
  const faults = createFaults<{ action: string }, AwsFault | PageFault, AwsCall>({
    hits: ({ action }, call) => action === call.action,
    answer: (fault, call) => ('page' in fault ? pageReply(fault) : failReply(errorOf(fault), call)),
  });

  function answer(request: SimRequest): SimReply | SimSilence {
    const call = readCall(request);
    calls.push(call.action);
    if (forgotten.has(call.action)) {
      return failReply(unknownAction(call.action, apiVersion), call);
    }
    if (denied.has(call.action)) return failReply(accessDenied(call), call);
    return faults.around(call, () => attempt(() => carryOut(call), call));
  }

  function carryOut(call: AwsCall): SimReply {
    if (call.service === 'autoscaling') return resultReply(call.action, perform(call));
    const requestId = randomUUID();
    return reply(200, performEc2(call, groups, requestId), requestId);
  }

  const server = createSimServer({ handle: (request) => attempt(() => answer(request)) });

  return {
    start: server.start,
    stop: server.stop,
    url: server.url,
    addGroup: groups.add,
    changeGroup: groups.change,
    protect: groups.protect,
    replace: groups.replace,
    group: groups.state,
    instances: groups.instances,
    changes,
    calls,
    failNext: faults.failNext,
    deny: (action) => denied.add(action),
    forget: (action) => forgotten.add(action),
  };
}

function attempt<Outcome>(perform: () => Outcome, call?: AwsCall): Outcome | SimReply {
  try {
    return perform();
  } catch (error) {
    if (error instanceof ServiceError) return failReply(error, call);
    throw error;
  }
}

/** An error in the form of the service that was asked. */
function failReply(error: ServiceError, call: AwsCall | undefined): SimReply {
  if (call?.service !== 'ec2') return errorReply(error);
  const requestId = randomUUID();
  return reply(error.status, ec2Error(error, requestId), requestId);
}

function pageReply({ page, status = 200 }: PageFault): SimReply {
  return { status, headers: { 'content-type': 'text/html' }, body: page };
}

const serverFaults: readonly string[] = ['ResourceContention', 'InternalFailure'];

function errorOf({ code, status, message }: AwsFault): ServiceError {
  const told = message ?? (code === 'Throttling' ? 'Rate exceeded' : `Simulated ${code}`);
  return new ServiceError(code, status ?? (serverFaults.includes(code) ? 500 : 400), told);
}

function errorReply(error: ServiceError): SimReply {
  const requestId = randomUUID();
  const xml = renderXml({
    Error: {
      Type: error.status < 500 ? 'Sender' : 'Receiver',
      Code: error.code,
      Message: error.message,
    },
    RequestId: requestId,
  });
  return reply(
    error.status,
    `<ErrorResponse xmlns="${namespace}">${xml}</ErrorResponse>`,
    requestId,
  );
}

function resultReply(action: string, result: XmlValue): SimReply {
  const requestId = randomUUID();
  const xml = renderXml({
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  });
  const element = `${action}Response`;
  return reply(200, `<${element} xmlns="${namespace}">${xml}</${element}>`, requestId);
}

function reply(status: number, body: string, requestId: string): SimReply {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`,
  };
}
