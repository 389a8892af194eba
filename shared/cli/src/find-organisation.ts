/** Finds what the caller means by `--org`: a list id, a directory id, or a name in either language. */
import type { Organisation } from '@sealpost/shared/opened/client/api/organisations';
import { Failure } from './command.ts';

type Named = Pick<Organisation, 'listId' | 'org' | 'nameEn' | 'nameTh'>;

/** The one organisation that fits; none or several end the command. */
export function findOrganisation<T extends Named>(all: readonly T[], text: string): T {
  const folded = text.trim().toLowerCase();
  const byId = all.find(({ listId, org }) => listId === text || org === text);
  if (byId !== undefined) return byId;
  const found = all.filter(({ nameEn, nameTh }) => nameEn.toLowerCase() === folded || nameTh === text.trim());
  if (found.length > 1) throw new Failure(`several organisations are called "${text}": use the id`);
  if (found[0] === undefined) throw new Failure(`no organisation "${text}" is listed`);
  return found[0];
}
