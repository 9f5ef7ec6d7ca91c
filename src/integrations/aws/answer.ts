import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';

/** An answer that is not in the form of the AWS API that was asked: a proxy's page, another server's. */
export class ForeignAnswerError extends Error {
  override readonly name = 'ForeignAnswerError';
  /** Where the SDK looks when it decides about another attempt. */
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(
    readonly status: number,
    /** Whether an endpoint of AWS itself was asked. */
    readonly isFromAws: boolean,
    host: string,
  ) {
    super(
      `${host} gave an answer (HTTP ${status}) that is not from this API; check AWS_ENDPOINT_URL and HTTPS_PROXY for a proxy in between`,
    );
    this.$metadata = { httpStatusCode: status };
  }
}

/** A page of groups with all their instances is far smaller. */
const maxBodyBytes = 32 * 1024 * 1024;

type Stack = AutoScalingClient['middlewareStack'];
type Deserialize = Extract<Parameters<Stack['add']>[1], { readonly step: 'deserialize' }>;

/** The part of an HTTP response that is read here; it is the SDK's own. */
interface HttpAnswer {
  readonly statusCode: number;
  body?: AsyncIterable<Uint8Array> | Uint8Array;
}

/**
 * Has a client of the SDK refuse answers that are not in the API's form. The SDK itself reads a page of
 * HTML as an answer in which everything is missing: no groups, no instance refresh, a change that was
 * taken.
 *
 * Each call then throws `ForeignAnswerError`.
 */
export function refuseForeignAnswers(client: AutoScalingClient | EC2Client): void {
  const stack = client.middlewareStack as Stack;
  // the lowest priority stands next to the connection, before the answer is read
  const place: Deserialize = { step: 'deserialize', name: 'refuseForeignAnswers', priority: 'low' };
  stack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const answer = result.response as HttpAnswer;
      const text = await readText(answer);
      const action = context.commandName?.replace(/Command$/, '') ?? '';
      const root = answer.statusCode < 300 ? `<${action}Response` : '<Error';
      if (text.includes(root)) return result;
      const { hostname = 'the endpoint' } = args.request as { readonly hostname?: string };
      throw new ForeignAnswerError(answer.statusCode, awsHost.test(hostname), hostname);
    },
    place,
  );
}

const awsHost = /\.(amazonaws\.com(\.cn)?|api\.aws)$/;

/** Reads the whole body, and leaves it in its place for the SDK. */
async function readText(answer: HttpAnswer): Promise<string> {
  const { body = new Uint8Array() } = answer;
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw new Error(`the answer is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, size);
  answer.body = new Uint8Array(bytes);
  return bytes.toString('utf8');
}
