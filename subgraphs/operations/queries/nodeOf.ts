import { ALL_ENTITIES } from '../../../entities';
import { type ResourceType, typeOfId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import type { Node } from '../../../entities/types';
import type { RequestContext } from '../../context';
import { byId } from '../../loaders';
import { STUBS } from '../neighbours';

const CLASSES = new Map(ALL_ENTITIES.map((entity) => [entity.name, entity as new () => Node]));

/** The resource of an id, if the tenant has it. Refuses ID_MALFORMED. */
export async function nodeOf(context: RequestContext, id: string): Promise<Node | null> {
  const type = typeOfId(id);
  if (!type) throw new Refusal('ID_MALFORMED', `${JSON.stringify(id)} is not an id of any resource.`, 'id');
  const found = await byId(CLASSES.get(type)!, context, id);
  return found && stub(type, found);
}

/** A resource as this subgraph knows it: itself if it is ours, else by its id. */
export function stub(type: ResourceType, resource: { id: string }): Node {
  const Stub = (STUBS as Partial<Record<ResourceType, new () => Node>>)[type];
  return Stub ? Object.assign(new Stub(), { id: resource.id }) : (resource as Node);
}
