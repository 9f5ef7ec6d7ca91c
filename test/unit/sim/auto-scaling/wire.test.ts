import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AutoScalingBench, startAutoScalingBench } from './bench.js';

describe('the protocol of the simulated Auto Scaling', () => {
  let scaling: AutoScalingBench['scaling'];
  let client: AutoScalingBench['client'];

  beforeEach(async () => {
    ({ scaling, client } = await startAutoScalingBench());
  });

  afterEach(async () => {
    client.destroy();
    await scaling.stop();
  });

  it('pages fifty groups at a time unless told, and at most a hundred', async () => {
    for (let number = 0; number < 119; number += 1) {
      scaling.addGroup({ name: `group-${number}`, min: 0, max: 1, desired: 0 });
    }
    const sizes = async (maxRecords?: number) => {
      const found: number[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(
          new DescribeAutoScalingGroupsCommand({
            ...(maxRecords && { MaxRecords: maxRecords }),
            ...(token && { NextToken: token }),
          }),
        );
        found.push(page.AutoScalingGroups?.length ?? 0);
        token = page.NextToken;
      } while (token !== undefined);
      return found;
    };

    expect(await sizes()).toEqual([50, 50, 20]);
    expect(await sizes(100)).toEqual([100, 20]);
    await expect(sizes(101)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('refuses a token that it did not give', async () => {
    const input = { NextToken: 'made up' };
    await expect(client.send(new DescribeAutoScalingGroupsCommand(input))).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
  });

  it('refuses a parameter that it would have to leave out of account', async () => {
    const input = { Filters: [{ Name: 'tag-key', Values: ['team'] }] };
    await expect(client.send(new DescribeAutoScalingGroupsCommand(input))).rejects.toMatchObject({
      name: 'NotSimulated',
    });
  });

  it('refuses requests that are not signed, or signed for another service', async () => {
    const body = 'Action=DescribeAutoScalingGroups&Version=2011-01-01';
    const signed = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
      'x-amz-date': '20260101T000000Z',
    });
    const answerTo = async (headers: Record<string, string>) => {
      const response = await fetch(scaling.url(), { method: 'POST', headers, body });
      return `${response.status} ${/<Code>(.*)<\/Code>/.exec(await response.text())?.[1]}`;
    };

    expect(await answerTo({})).toBe('403 MissingAuthenticationToken');
    expect(await answerTo({ authorization: 'Bearer x' })).toBe('400 IncompleteSignature');
    expect(await answerTo(signed('s3'))).toBe('403 SignatureDoesNotMatch');
    expect(await answerTo(signed('autoscaling'))).toBe('200 undefined');
  });

  it('refuses actions and versions that it does not have', async () => {
    const answerTo = async (body: string) => {
      const headers = {
        authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/autoscaling/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
        'x-amz-date': '20260101T000000Z',
      };
      const response = await fetch(scaling.url(), { method: 'POST', headers, body });
      return /<Code>(.*)<\/Code>/.exec(await response.text())?.[1];
    };

    expect(await answerTo('Action=DeleteAutoScalingGroup&Version=2011-01-01')).toBe(
      'InvalidAction',
    );
    expect(await answerTo('Action=DescribeAutoScalingGroups')).toBe('InvalidAction');
    expect(await answerTo('Version=2011-01-01')).toBe('MissingAction');
    expect(await answerTo('Action=SetDesiredCapacity&Version=2011-01-01')).toBe('ValidationError');
  });
});
