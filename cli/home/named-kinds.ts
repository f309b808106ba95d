/** What has names; ledgers hold only their ids. */
export const namedKinds = ['resource', 'group', 'role'] as const;
export type NamedKind = (typeof namedKinds)[number];
