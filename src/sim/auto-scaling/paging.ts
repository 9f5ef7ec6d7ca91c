import type { AwsCall } from './call.js';
import { countParam } from './query.js';
import { constraintError, ServiceError } from './service-error.js';

/** One page of a list, and where the next begins. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/** No more than this many records a page, whatever is asked for. */
const maxRecordsLimit = 100;

/**
 * Cuts the page that a Describe call asks for with `MaxRecords` and `NextToken`.
 *
 * @throws ServiceError for too large a page or a token of no page
 */
export function pageOf<Item>(
  call: AwsCall,
  items: readonly Item[],
  defaultRecords: number,
): Page<Item> {
  const size = recordsAsked(call, defaultRecords);
  const from = offsetOf(call.params.get('NextToken'), items.length);
  const rest = from + size < items.length;
  return {
    items: items.slice(from, from + size),
    nextToken: rest ? tokenOf(from + size) : undefined,
  };
}

/** `MaxRecords`, or what the API takes when it is absent; throws ServiceError above 100. */
export function recordsAsked(call: AwsCall, defaultRecords: number): number {
  const text = call.params.get('MaxRecords');
  if (text === undefined) return defaultRecords;
  const count = countParam(call, 'MaxRecords', text);
  if (count > maxRecordsLimit) {
    const constraint = `have value less than or equal to ${maxRecordsLimit}`;
    throw constraintError('maxRecords', `'${text}'`, constraint);
  }
  if (count < 1) {
    throw constraintError('maxRecords', `'${text}'`, 'have value greater than or equal to 1');
  }
  return count;
}

function tokenOf(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64');
}

function offsetOf(token: string | undefined, length: number): number {
  if (token === undefined) return 0;
  const match = /^offset:(\d+)$/.exec(Buffer.from(token, 'base64').toString());
  const offset = Number(match?.[1]);
  if (match === null || offset >= length) {
    throw new ServiceError('InvalidNextToken', 400, 'The NextToken value is not valid.');
  }
  return offset;
}
