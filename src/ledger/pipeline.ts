import type { Redis } from 'ioredis';

/** The answers of a pipeline, the first error thrown. */
export async function executed(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> {
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}
