import { resolve } from 'node:path';
import type { Ground, Site } from '../site/open-site.ts';

/** Where the documents and simulated devices of all examples are. */
export const examplesFolder = resolve(import.meta.dirname, '../../examples');

/** A program of the system's (or the place of a library) that an example needs, and the Debian package that brings it. */
export interface Need {
  readonly command: string;
  readonly package: string;
}

/** Sensors and actuators that have addresses of their own, and how the device reaches them. */
export interface Field {
  /** Of the device's profile: the address for each input or action id that leaves it open. */
  readonly bindings: Readonly<Record<string, string>>;
  /** What the edge's process finds in its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One site that runs with one command: an edge, its sensors and actuators, and the resources that serve them. */
export interface Example {
  readonly title: string;
  readonly needs: readonly Need[];
  /** Resources by name: each is `<name>.yaml` in the example's folder. */
  readonly resources: readonly string[];
  /** Starts what has an address before the device has a profile. */
  readonly startField: (ground: Ground) => Promise<Field>;
  /** Starts what publishes to the edge's own broker, once there is one. */
  readonly startSensors?: (site: Site) => Promise<void>;
  /** Options of `dewproof policy grant`, one list each. */
  readonly grants?: (accountOf: (home: string) => string) => readonly (readonly string[])[];
  /** Commands worth trying, for the site as it is. */
  readonly tries: (open: { readonly site: Site; readonly field: Field }) => readonly string[];
}

/** The address of the example's resource on its edge. */
export function urlOfResource(site: Site, name: string): string {
  return `${site.edges[0]?.url ?? ''}/v1/resources/greenfields/${name}`;
}
