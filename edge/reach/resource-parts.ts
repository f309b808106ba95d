import type { HostStart } from '../hosts/host.ts';
import type { ResourceReadings } from '../readings/resource-readings.ts';
import type { Reach } from './reach.ts';

/** What a resource's parts are to its logic: readings, views and actions of one version. */
export interface ResourceParts {
  readonly start: HostStart;
  readonly readings: ResourceReadings;
  readonly act: Reach['act'];
  readonly view: Reach['view'];
}
