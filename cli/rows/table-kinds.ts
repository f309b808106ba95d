/** What `dewproof get` can list. */
export const tableKinds = ['resources', 'proposals', 'devices', 'grants', 'roles', 'governance'] as const;
export type TableKind = (typeof tableKinds)[number];
