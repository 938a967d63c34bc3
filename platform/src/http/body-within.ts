import type { Request, RequestHandler } from 'express';

/**
 * Cuts off a client whose body is not whole within `ms`. It is for servers that let some requests
 * take long: those, by `except`, keep the server's own limit.
 */
export function bodyWithin(ms: number, except: (request: Request) => boolean): RequestHandler {
  return (request, response, next) => {
    if (!request.complete && !except(request)) {
      const cut = setTimeout(() => {
        if (!request.complete) request.socket.destroy();
      }, ms);
      cut.unref();
      response.once('close', () => clearTimeout(cut));
    }
    next();
  };
}
