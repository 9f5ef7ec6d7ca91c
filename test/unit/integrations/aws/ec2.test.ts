import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEc2, type Ec2 } from '../../../../src/integrations/aws/ec2.js';
import { type AutoScalingSim, createAutoScalingSim } from '../../../../src/sim/auto-scaling.js';

describe('the EC2 client', () => {
  let sim: AutoScalingSim;
  let ec2: Ec2;

  beforeEach(async () => {
    sim = createAutoScalingSim();
    await sim.start();
    sim.addGroup({ name: 'workers', min: 1, max: 6, desired: 2 });
    ec2 = createEc2({
      timeoutMs: 5000,
      region: 'eu-central-1',
      endpoint: sim.url(),
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
  });

  afterEach(() => sim.stop());

  it('reads the addresses of instances and when they were started, and leaves out whom EC2 does not know', async () => {
    const [one, other] = sim.instances('workers');
    const asked = [one?.id ?? '', 'i-00000000000000000'];
    const machine = { addresses: [one?.address], launchedAtMs: expect.closeTo(Date.now(), -5) };
    expect([...(await ec2.machines(asked))]).toEqual([[one?.id, machine]]);
    const both = await ec2.machines([one?.id ?? '', other?.id ?? '']);
    expect(both.get(other?.id ?? '')).toMatchObject({ addresses: [other?.address] });
  });

  it('asks for nobody by not asking', async () => {
    expect((await ec2.machines([])).size).toBe(0);
    expect(sim.calls).toEqual([]);
  });

  it('says which permission is missing', async () => {
    sim.deny('DescribeInstances');
    await expect(ec2.machines(['i-0'])).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('permissions for ec2:DescribeInstances'),
    });
  });

  it('takes an empty list for an answer', async () => {
    expect((await ec2.machines(['i-00000000000000000'])).size).toBe(0);
  });

  it.each([
    ['', 200],
    ['<html>login</html>', 200],
    ['<html>login<br></html>', 200],
    ['<DescribeInstancesResponse><requestId>1</requestId></DescribeInstancesResponse>', 200],
    ['<html>forbidden</html>', 403],
  ])('takes %j (%d) for no answer, never for nobody', async (page, status) => {
    sim.failNext({ action: 'DescribeInstances', page, status, times: 9 });
    await expect(ec2.machines(['i-0'])).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('takes an API that does not answer for a failure, never for nobody', async () => {
    await sim.stop();
    await expect(ec2.machines(['i-0'])).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
