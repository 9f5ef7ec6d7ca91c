import { messageOf } from '../errors.js';
import { TargetError, type TargetErrorKind } from './target-error.js';
import { DeadlineError, neverSent } from './transport.js';

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
  const name = error instanceof Error && !(error instanceof DeadlineError) ? error.name : '';
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
  const status = statusOf(error);
  if (status === 401 || status === 403) return 'forbidden';
  if (status !== undefined && status >= 400 && status < 500) return 'invalid';
  return effect === 'read' ? 'unavailable' : 'unknown';
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
}
