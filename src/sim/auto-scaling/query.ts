import type { SimRequest } from '../http.js';
import type { AwsCall } from './call.js';
import { constraintError, ServiceError } from './service-error.js';

/** The version of the API, which every request names. */
export const apiVersion = '2011-01-01';
/** The same of EC2, of which DescribeInstances is simulated. */
export const ec2Version = '2016-11-15';

/**
 * Reads a request in the AWS Query protocol.
 *
 * @throws ServiceError when it is not signed for Auto Scaling, or is no such call
 */
export function readCall(request: SimRequest): AwsCall {
  const service = signedFor(request);
  const params = new Map(new URLSearchParams(request.body));
  const action = params.get('Action');
  const version = params.get('Version');
  if (request.method !== 'POST' || action === undefined) {
    throw new ServiceError('MissingAction', 400, 'Missing Action');
  }
  if (version !== (service === 'ec2' ? ec2Version : apiVersion))
    throw unknownAction(action, version);
  params.delete('Action');
  params.delete('Version');
  return { service, action, params };
}

/** The error for an action that the simulated service does not have. */
export function unknownAction(action: string, version: string | undefined): ServiceError {
  const message = `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`;
  return new ServiceError('InvalidAction', 400, message);
}

/**
 * Refuses parameters that the simulation would silently leave out of account.
 *
 * @throws ServiceError
 */
export function refuseUnknownParams(call: AwsCall, known: readonly string[]): void {
  for (const name of call.params.keys()) {
    const [top = ''] = name.split('.');
    if (!known.includes(top)) {
      throw new ServiceError(
        'NotSimulated',
        501,
        `The simulated Auto Scaling does not know the parameter ${name} of ${call.action}.`,
      );
    }
  }
}

/** The members of a list parameter (`Name.member.1`, `Name.member.2`, …). */
export function listParam(call: AwsCall, name: string): string[] {
  return [...call.params]
    .filter(([key]) => key.startsWith(`${name}.member.`))
    .map(([, value]) => value);
}

/** A text parameter that must be there; throws ServiceError when it is not. */
export function requiredParam(call: AwsCall, name: string): string {
  const value = call.params.get(name);
  if (value === undefined || value === '') {
    throw constraintError(camelCase(name), 'null', 'not be null');
  }
  return value;
}

/** A whole number from 0 on; throws ServiceError for anything else. */
export function countParam(_call: AwsCall, name: string, text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text)) {
    throw new ServiceError('MalformedInput', 400, `Unable to parse ${name} as a whole number`);
  }
  if (value < 0) {
    throw constraintError(camelCase(name), `'${text}'`, 'have value greater than or equal to 0');
  }
  return value;
}

function camelCase(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** Looks at the Authorization header's form and scope; the signature itself is not computed again. */
function signedFor({ headers }: SimRequest): AwsCall['service'] {
  const authorization = headers.authorization;
  if (authorization === undefined) {
    throw new ServiceError(
      'MissingAuthenticationToken',
      403,
      'Request is missing Authentication Token',
    );
  }
  const scope = /^AWS4-HMAC-SHA256 Credential=[^/,]+\/(\d{8})\/([^/,]+)\/([^/,]+)\/([^/,\s]+)/.exec(
    authorization,
  );
  if (scope === null || !/SignedHeaders=[^,]+, ?Signature=[0-9a-f]{64}$/.test(authorization)) {
    throw new ServiceError(
      'IncompleteSignature',
      400,
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.",
    );
  }
  const [, , , service, terminator] = scope;
  if (service !== 'autoscaling' && service !== 'ec2') {
    throw signatureMismatch("Credential should be scoped to correct service: 'autoscaling'.");
  }
  if (terminator !== 'aws4_request') {
    throw signatureMismatch("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  if (headers['x-amz-date'] === undefined) {
    throw new ServiceError(
      'IncompleteSignature',
      400,
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  return service;
}

function signatureMismatch(message: string): ServiceError {
  return new ServiceError('SignatureDoesNotMatch', 403, message);
}
