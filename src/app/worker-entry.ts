import { keepHeapsSmall } from '../lib/heaps.js';

// before all that the thread loads, and again: V8 forgets it whenever it makes a heap
keepHeapsSmall();
await import('./worker-thread.js');
