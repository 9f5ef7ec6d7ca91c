import type { ServiceSpec } from 'dockerode';

const longestImage = 100;

/** The image that the tasks of a service are made of; `undefined`: they are made of none. */
export function imageIn({ TaskTemplate }: ServiceSpec): string | undefined {
  const template = TaskTemplate as { ContainerSpec?: { Image?: string } } | undefined;
  return template?.ContainerSpec?.Image;
}

/** An image as people know it: its digest shortened. */
export function shortImage(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1').slice(-longestImage);
}
