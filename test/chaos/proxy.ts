import type { AddressInfo, Server } from 'node:net';

/** Something in between, on a loopback port. */
export interface GoBetween {
  readonly port: number;
  stop(): Promise<void>;
}

/** Lets a server listen on a free loopback port. */
export function listening(server: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
}
