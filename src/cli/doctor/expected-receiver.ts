/** What is expected of the configuration of Alertmanager. */
export interface Expected {
  /** `ALERTMANAGER_RECEIVER` */
  readonly receiver: string | undefined;
  /** Whether the policy says that resolved alerts are sent. */
  readonly sendResolved: boolean;
  /** Whether the webhook wants a token. */
  readonly token: boolean;
}
