import type { AwsCall } from './call.js';

/** An error of the simulated service: its code, HTTP status and message as AWS sends them. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A parameter that the service does not accept. */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', 400, message);
}

/** A value that breaks one of the service model's constraints, in AWS's own sentence. */
export function constraintError(member: string, value: string, constraint: string): ServiceError {
  return validationError(
    `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

/** What IAM answers to a caller whose policies do not allow an action. */
export function accessDenied({ service, action }: AwsCall): ServiceError {
  if (service === 'ec2') {
    const why = 'You are not authorized to perform this operation.';
    return new ServiceError('UnauthorizedOperation', 403, why);
  }
  const name = `autoscaling:${action}`;
  return new ServiceError(
    'AccessDenied',
    403,
    `User: arn:aws:iam::123456789012:user/jidoka is not authorized to perform: ${name} because no identity-based policy allows the ${name} action`,
  );
}
