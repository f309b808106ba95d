import type { FactKey } from './verified-state.ts';

/** A fact's name as `PreparedFacts.tells` and `formerly` have it: `record/<resource>`, `grant/<resource>/<subject>`, … */
export function factNameOf(fact: FactKey): string {
  switch (fact.kind) {
    case 'record':
      return `record/${fact.resource}`;
    case 'device':
      return `device/${fact.account}`;
    case 'grant':
      return `grant/${fact.resource}/${fact.subject}`;
    case 'member':
      return `member/${fact.role}/${fact.account}`;
  }
}
