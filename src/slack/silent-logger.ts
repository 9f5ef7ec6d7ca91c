import type { LogLevel } from '@slack/web-api';

/**
 * The logger of Slack's libraries, which write to the console otherwise. Their lines hold the address of the
 * socket, which is a secret; what went wrong is in the errors that they throw.
 */
export const silentLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => 'error' as LogLevel,
  setName() {},
};
