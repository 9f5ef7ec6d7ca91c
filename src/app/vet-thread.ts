import { parentPort, workerData } from 'node:worker_threads';
import { createOfflineRegistry } from '../integrations/offline-registry.js';
import { findFaults } from '../playbook/load.js';
import { formatProblem } from '../playbook/problem.js';
import type { PlaybookTexts } from '../playbook/read.js';

const port = parentPort;
if (port === null) throw new Error('vet-thread.js is started by vetting.js');

const problems = findFaults(workerData as PlaybookTexts, createOfflineRegistry());
port.postMessage(problems.map(formatProblem));
