import { targetLoaders } from './targets/index.ts';
import { serveFuzzing } from './worker.ts';

serveFuzzing(targetLoaders);
