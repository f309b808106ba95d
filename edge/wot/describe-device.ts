import { TD_TYPE } from './describe-resource.ts';
import { securityDefinitions, wotContext } from './security.ts';

/** What is described of a device; `origin` is `http://host:port` as the caller knows it. */
export interface DescribeDeviceRequest {
  readonly origin: string;
  /** Only those that the caller may read. */
  readonly resources: readonly { readonly tenant: string; readonly name: string }[];
}

/**
 * The Thing Description of the edge itself, as `/.well-known/wot` introduces it (W3C WoT Discovery, section 6.3): it
 * has nothing to offer but links to the descriptions of its resources.
 */
export function describeDevice({ origin, resources }: DescribeDeviceRequest): object {
  return {
    '@context': wotContext,
    '@type': 'Thing',
    title: 'Dewproof edge',
    description: 'Links to what the caller may read here: ask again, signed, for what only some may.',
    securityDefinitions: securityDefinitions(['open']),
    security: ['open'],
    links: resources.map(({ tenant, name }) => ({
      rel: 'item',
      href: `${origin}/v1/resources/${tenant}/${name}/td`,
      type: TD_TYPE,
    })),
  };
}
