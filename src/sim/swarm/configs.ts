import { EngineRefusal } from './refusal.js';
import { swarmId } from './service.js';

/** A Swarm config as it was created. */
interface Config {
  readonly id: string;
  readonly createdAtMs: number;
  readonly spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> };
}

/** The configs of a simulated Swarm. */
export type Configs = ReturnType<typeof createConfigs>;

/** @param usersOf the names of the services that use the config of this id */
export function createConfigs(
  now: () => number,
  usersOf: (id: string) => readonly string[] = () => [],
) {
  const configs: Config[] = [];

  return {
    all: (): readonly Config[] => configs,

    create(body: string): string {
      const spec = JSON.parse(body) as Config['spec'];
      if (configs.some((one) => one.spec.Name === spec.Name)) {
        const why = `rpc error: code = AlreadyExists desc = config ${spec.Name} already exists`;
        throw new EngineRefusal(409, why);
      }
      const config = { id: swarmId(), createdAtMs: now(), spec };
      configs.push(config);
      return config.id;
    },

    remove(id: string): void {
      const index = configs.findIndex((one) => one.id === id);
      if (index < 0) throw new EngineRefusal(404, `config ${id} not found`);
      const users = usersOf(id);
      if (users.length > 0) {
        const name = configs[index]?.spec.Name;
        const why = `rpc error: code = InvalidArgument desc = config '${name}' is in use by the following service: ${users.join(', ')}`;
        throw new EngineRefusal(400, why);
      }
      configs.splice(index, 1);
    },
  };
}

/** A config as `GET /configs` shows it. */
export function configView({ id, createdAtMs, spec }: Config): Record<string, unknown> {
  const at = new Date(createdAtMs).toISOString();
  return { ID: id, Version: { Index: 1 }, CreatedAt: at, UpdatedAt: at, Spec: spec };
}
