/** One call in the AWS Query protocol: its action and its flat parameters. */
export interface AwsCall {
  readonly service: 'autoscaling' | 'ec2';
  readonly action: string;
  readonly params: ReadonlyMap<string, string>;
}
