import * as z from 'zod';
import { section, text } from './schema-parts.ts';

/** `aws.task`: the sweeps in one task on Fargate, in place of schedules and functions. */

/** What Fargate has of memory for so many cores, in MB: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html. */
export const TASK_MEMORY_MB = new Map<number, readonly number[]>([
  [0.25, [512, 1_024, 2_048]],
  [0.5, [1_024, 2_048, 3_072, 4_096]],
  [1, [2_048, 3_072, 4_096, 5_120, 6_144, 7_168, 8_192]],
]);
const SIZES = [...TASK_MEMORY_MB.keys()];

const VCPU_FORM = `write ${SIZES.slice(0, -1).join(', ')} or ${SIZES.at(-1)}: one thread does the work`;
export const taskSize = section(
  {
    vcpu: z
      .number(VCPU_FORM)
      .refine((written) => TASK_MEMORY_MB.has(written), VCPU_FORM)
      .default(0.25),
    /** The least that Fargate has for so many cores, when it is left out. */
    memoryMb: z
      .int('write a number of MB')
      .min(512, 'use at least 512')
      .max(8_192, 'use at most 8192')
      .optional(),
  },
  'a map such as taskSize: { vcpu: 0.5, memoryMb: 1024 }',
);

const IMAGE_FORM = 'write an image with its digest, such as <registry>/node@sha256:<64 hexadecimal digits>';
export const taskBaseImage = text(512, 'an image').regex(/^[\w./:-]+@sha256:[0-9a-f]{64}$/, IMAGE_FORM);

/** Cores and memory of the task. */
export function sizeOfTask({
  taskSize: size,
}: {
  readonly taskSize?: z.output<typeof taskSize> | undefined;
}): { readonly vcpu: number; readonly memoryMb: number } {
  const { vcpu = 0.25, memoryMb } = size ?? {};
  return { vcpu, memoryMb: memoryMb ?? TASK_MEMORY_MB.get(vcpu)?.[0] ?? 512 };
}
