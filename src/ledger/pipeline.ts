import type { StorePipeline } from './store.js';

/** The answers of a pipeline, the first error thrown. */
export async function executed(pipeline: Pick<StorePipeline, 'exec'>): Promise<unknown[]> {
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}
