import type { Redis } from 'ioredis';

/** Counts the commands that a Redis is sent about one cell. It has to be one that no other test uses. */
export async function countCommands(redis: Redis, cell: string) {
  const watching = redis.duplicate();
  const monitor = await watching.monitor();
  let count = 0;
  let seen: string | undefined;
  monitor.on('monitor', (_time: string, args: readonly string[]) => {
    if (args[0] === 'echo') seen = args[1];
    else if (args.some((each) => each.includes(cell))) count += 1;
  });

  return {
    /** How many commands are sent while this goes on. */
    async during(deed: () => Promise<unknown>): Promise<number> {
      const from = await markedAt('from');
      await deed();
      return (await markedAt('to')) - from;
    },

    async stop(): Promise<void> {
      monitor.disconnect();
      watching.disconnect();
    },
  };

  /** The count once everything that was sent before has been seen. */
  async function markedAt(name: string): Promise<number> {
    const mark = `${name} ${Math.random()}`;
    await redis.echo(mark);
    for (let tries = 0; seen !== mark && tries < 1_000; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (seen !== mark) throw new Error('Redis does not tell what it is sent');
    return count;
  }
}
