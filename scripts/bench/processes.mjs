// How much a process has done: its CPU time, and what a Redis was asked.
import { readFileSync } from 'node:fs';

/** CPU time that a process has used, in milliseconds; /proc counts it in hundredths of a second. */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** What a Redis has done so far: commands, bytes both ways, and CPU time in milliseconds. */
export async function redisWork(client) {
  const info = await client.info();
  const shown = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)[1]);
  return {
    commands: shown('total_commands_processed'),
    bytes: shown('total_net_input_bytes') + shown('total_net_output_bytes'),
    cpuMs: (shown('used_cpu_sys') + shown('used_cpu_user')) * 1_000,
  };
}
