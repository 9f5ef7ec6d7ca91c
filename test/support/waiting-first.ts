import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those whose tests wait most come first. */
const folders = ['acceptance', 'browser', 'chaos', 'integration', 'unit'];

/**
 * Begins with the files that mostly wait, so that the others use the time of the processors meanwhile. A fresh
 * checkout has no durations of earlier runs to go by.
 */
export class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

const rank = ({ moduleId }: TestSpecification) =>
  folders.findIndex((folder) => moduleId.includes(`/test/${folder}/`));
