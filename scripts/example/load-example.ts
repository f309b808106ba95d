import { DewproofError } from '../../core/errors.ts';
import type { Example } from './example.ts';

/** The examples by name, each a folder of `examples/`. */
export const exampleNames = ['climate', 'energy-meter', 'door', 'wearable', 'irrigation'] as const;
type ExampleName = (typeof exampleNames)[number];

const loaders: Readonly<Record<ExampleName, () => Promise<{ readonly example: Example }>>> = {
  climate: () => import('./sites/climate.ts'),
  'energy-meter': () => import('./sites/energy-meter.ts'),
  door: () => import('./sites/door.ts'),
  wearable: () => import('./sites/wearable.ts'),
  irrigation: () => import('./sites/irrigation.ts'),
};

/** Loads an example by its name. @throws USAGE */
export async function loadExample(name: string): Promise<Example> {
  const known = exampleNames.find((one) => one === name);
  if (known !== undefined) return (await loaders[known]()).example;
  throw new DewproofError('USAGE', `There is no example ${name}; name one of ${exampleNames.join(', ')}.`);
}
