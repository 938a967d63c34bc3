/** The part of an IoT policy document that is enforced here; conditions are not. */
export interface IotPolicy {
  Statement: readonly {
    Effect: 'Allow' | 'Deny';
    Action: string | readonly string[];
    Resource?: string | readonly string[];
  }[];
}

/** What a certificate is allowed, and which thing it is attached to. */
export interface Principal {
  thing: string | null;
  policies: readonly IotPolicy[];
}

/** Who asks: a connection of a principal under a client id. */
export interface Asking {
  principal: Principal;
  clientId: string;
}

export type IotAction = 'iot:Connect' | 'iot:Publish' | 'iot:Subscribe' | 'iot:Receive';

const kinds: Record<IotAction, string> = {
  'iot:Connect': 'client',
  'iot:Publish': 'topic',
  'iot:Subscribe': 'topicfilter',
  'iot:Receive': 'topic',
};

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** `*` is any text and `?` any character; MQTT's `+` and `#` are characters like others. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\#]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/**
 * A resource with its variables filled in; null where one of them has no value. The variables of a
 * thing have one only while the client id is the thing's name.
 */
function filledIn(resource: string, { principal, clientId }: Asking): string | null {
  const thing = principal.thing === clientId ? principal.thing : null;
  let missing = false;
  const text = resource.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
    const value = name === 'iot:ClientId' ? clientId : thing;
    const known = name === 'iot:ClientId' || name === 'iot:Connection.Thing.ThingName';
    if (!known || value === null) missing = true;
    return value ?? '';
  });
  return missing ? null : text;
}

/** Whether AWS IoT would allow it: some statement allows it, and none denies it. */
export function allows(asking: Asking, action: IotAction, name: string): boolean {
  let allowed = false;
  for (const { Statement } of asking.principal.policies) {
    for (const { Effect, Action, Resource } of Statement) {
      if (!list(Action).some((wanted) => matches(wanted, action))) continue;
      const applies = list(Resource).some((resource) => {
        const filled = filledIn(resource, asking);
        const [, , service, , , ...rest] = (filled ?? '').split(':');
        if (filled === '*') return true;
        return service === 'iot' && matches(rest.join(':'), `${kinds[action]}/${name}`);
      });
      if (!applies) continue;
      if (Effect === 'Deny') return false;
      allowed = true;
    }
  }
  return allowed;
}
