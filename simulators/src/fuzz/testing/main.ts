import { serveFuzzing } from '../worker.ts';
import { plantedLoaders } from './planted.ts';

serveFuzzing(plantedLoaders);
