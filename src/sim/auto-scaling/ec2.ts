import type { AwsCall } from './call.js';
import type { Groups } from './groups.js';
import { ec2Version, unknownAction } from './query.js';
import { ServiceError } from './service-error.js';
import { instanceView } from './views.js';
import { renderXml } from './xml.js';

/**
 * EC2's DescribeInstances of the groups' instances, chosen by the filter `instance-id`: in the EC2 form of
 * the Query protocol, where lists are `item` elements and there is no element around the result.
 *
 * @throws ServiceError
 */
export function performEc2(call: AwsCall, groups: Groups, requestId: string): string {
  if (call.action !== 'DescribeInstances') throw unknownAction(call.action, ec2Version);
  const known = /^Filter\.1\.(Name|Value\.\d+)$/;
  const odd = [...call.params.keys()].find((name) => !known.test(name));
  if (odd !== undefined || call.params.get('Filter.1.Name') !== 'instance-id') {
    const what = odd ?? 'calls without the filter instance-id';
    throw new ServiceError('NotSimulated', 501, `The simulated EC2 does not know ${what}.`);
  }
  const asked = [...call.params].filter(([name]) => name.startsWith('Filter.1.Value.'));
  const ids = new Set(asked.map(([, id]) => id));
  const items = groups
    .all()
    .flatMap(({ instances }) => instances)
    .filter(({ id }) => ids.has(id))
    .map((instance) => `<item>${renderXml(instanceView(instance, groups.time()))}</item>`)
    .map((item) => `<item><instancesSet>${item}</instancesSet></item>`);
  const namespace = `http://ec2.amazonaws.com/doc/${ec2Version}/`;
  return `<DescribeInstancesResponse xmlns="${namespace}"><requestId>${requestId}</requestId><reservationSet>${items.join('')}</reservationSet></DescribeInstancesResponse>`;
}

/** An error in EC2's form. */
export function ec2Error({ code, message }: ServiceError, requestId: string): string {
  const error = renderXml({ Code: code, Message: message });
  return `<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}
