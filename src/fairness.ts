import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { withCallContext } from './github/call-context.js';
import { fairnessOf } from './policies/priority.js';
import { isObject } from './standards/json.js';
import type { Json } from './standards/model.js';

/** Lets organisations take turns at GitHub, too, where several have one token. */
export const fairly: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: (call, next) => {
      const [input] = call.args as [Json?];
      const organization = isObject(input) ? input['organization'] : undefined;
      if (typeof organization !== 'string') return next(call);
      return withCallContext(fairnessOf(organization), () => next(call));
    },
  },
});
