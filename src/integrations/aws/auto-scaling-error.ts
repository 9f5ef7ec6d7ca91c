import { messageOf } from '../../lib/errors.js';
import { TargetError, type TargetErrorKind } from '../contract/target-error.js';
import { DeadlineError, neverSent } from '../contract/transport.js';
import { ForeignAnswerError } from './answer.js';

/** One call of an AWS API, for its error. */
interface AwsCall {
  readonly system: 'Auto Scaling' | 'EC2';
  /** `reading group workers`. */
  readonly what: string;
  /** Whether the call was to change something: then a lost answer is not the same as nothing happened. */
  readonly effect: 'read' | 'change';
  /** The permissions that it takes, in words. */
  readonly needs: string;
}

/** The errors of Auto Scaling, and those that every AWS API shares, by what may be done about them. */
const kinds: Readonly<Record<string, TargetErrorKind>> = {
  ScalingActivityInProgressFault: 'busy',
  ScalingActivityInProgress: 'busy',
  ResourceContentionFault: 'busy',
  ResourceContention: 'busy',
  Throttling: 'busy',
  ThrottlingException: 'busy',
  RequestLimitExceeded: 'busy',
  ValidationError: 'invalid',
  AccessDenied: 'forbidden',
  AccessDeniedException: 'forbidden',
  AuthFailure: 'forbidden',
  CredentialsProviderError: 'forbidden',
  ExpiredToken: 'forbidden',
  ExpiredTokenException: 'forbidden',
  IncompleteSignature: 'forbidden',
  InvalidClientTokenId: 'forbidden',
  InvalidSignatureException: 'forbidden',
  MissingAuthenticationToken: 'forbidden',
  NotAuthorized: 'forbidden',
  OptInRequired: 'forbidden',
  RequestExpired: 'forbidden',
  SignatureDoesNotMatch: 'forbidden',
  TokenProviderError: 'forbidden',
  UnauthorizedOperation: 'forbidden',
  UnrecognizedClientException: 'forbidden',
};

/**
 * Sorts what the AWS SDK throws. Where the answer to a change is missing, or is that something broke
 * inside AWS, the change may have been made: `unknown`.
 */
export function awsError(error: unknown, { system, what, effect, needs }: AwsCall): TargetError {
  if (error instanceof TargetError) return error;
  const said = messageOf(error);
  const isOurs = error instanceof DeadlineError || error instanceof ForeignAnswerError;
  const name = error instanceof Error && !isOurs ? error.name : '';
  const kind = sort(error, said, name, effect);
  const hint =
    kind === 'forbidden'
      ? `; see AWS_REGION, the credentials and their permissions for ${needs}`
      : '';
  return new TargetError(
    kind,
    `${system}: ${what}: ${name && name !== 'Error' ? `${name}: ` : ''}${said}${hint}`,
    { cause: error },
  );
}

function sort(
  error: unknown,
  said: string,
  name: string,
  effect: 'read' | 'change',
): TargetErrorKind {
  if (said === 'Region is missing') return 'forbidden';
  const known = kinds[name];
  if (known === 'invalid' && /(name|instance id) not found/i.test(said)) return 'not_found';
  if (known !== undefined) return known;
  if (neverSent(error)) return 'unavailable';
  if (error instanceof ForeignAnswerError) return effect === 'read' ? 'unavailable' : 'unknown';
  const status = statusOf(error);
  if (status === 401 || status === 403) return 'forbidden';
  if (status !== undefined && status >= 400 && status < 500) return 'invalid';
  return effect === 'read' ? 'unavailable' : 'unknown';
}

/** What AWS calls a caller whose policies do not allow the action. */
const denials = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);

/** What an API calls an action that it does not have. */
const unknownActions = new Set([
  'InvalidAction',
  'NotImplemented',
  'NotImplementedException',
  'UnknownOperation',
  'UnknownOperationException',
]);

/** Whether a call failed only because the caller lacks the permission for it. */
export function isDenied(error: unknown): boolean {
  return denials.has(nameOf(error));
}

/**
 * Whether the API does not have the action at all, as stand-ins for AWS say it: by the error's code, by
 * the status 501, or by a page with the status 500, which AWS itself never sends.
 */
export function isUnknownAction(error: unknown): boolean {
  const cause = error instanceof TargetError ? error.cause : undefined;
  if (cause instanceof ForeignAnswerError && cause.status === 500) return !cause.isFromAws;
  return unknownActions.has(nameOf(error)) || statusOf(cause) === 501;
}

function nameOf(error: unknown): string {
  const cause = error instanceof TargetError ? error.cause : undefined;
  return cause instanceof Error ? cause.name : '';
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
}
