import { Option } from '@commander-js/extra-typings';

/* What `pause` and `resume` are about; none of these: everything. */

/** `--playbook` */
export function playbookOption() {
  return new Option('--playbook <name>', 'only this playbook');
}

/** `--target` */
export function targetOption() {
  return new Option('--target <name>', 'only this service, node or group');
}

/** `--direction` */
export function directionOption() {
  return new Option('--direction <direction>', 'only scaling in this direction').choices([
    'up',
    'down',
  ] as const);
}
