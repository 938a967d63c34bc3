import type {
  Emergency,
  Play,
  ScreenCommand,
  ScreenCommandResult,
  ScreenId,
  ScreenPicture,
  ScreenReport,
  ScreenState,
  SignageView,
  commandStateSchema,
  delayRequestSchema,
  emergencyStateSchema,
  playsResultSchema,
  queueRequestSchema,
  signageOperations,
} from '@foyer/contracts';
import { FoyerError } from '@foyer/contracts';
import type { Handlers } from '@foyer/platform/http';
import type { z } from 'zod';

interface Done {
  atMs: number;
}

/** What the local API asks of an agent about screens. Throws FoyerError, as the contracts say. */
export interface SignageApi {
  view(): SignageView;
  takePlays(plays: readonly Play[]): z.infer<typeof playsResultSchema>;
  screens(): ScreenState[];
  report(screenId: ScreenId, report: ScreenReport): Done;
  picture(screenId: ScreenId, picture: ScreenPicture): Done;
  raise(request: Omit<Emergency, 'atMs'>): Emergency;
  emergencies(): z.infer<typeof emergencyStateSchema>['emergencies'];
  delay(request: z.infer<typeof delayRequestSchema>): Done;
  queue(request: z.infer<typeof queueRequestSchema>): Done;
  sendCommand(request: Omit<ScreenCommand, 'atMs'>): ScreenCommand;
  command(commandId: string): z.infer<typeof commandStateSchema>;
  answerCommand(result: ScreenCommandResult): Done;
}

/** The operations of screens on an agent. */
export function signageHandlers(agent: SignageApi): Handlers<typeof signageOperations> {
  return {
    signage: () => agent.view(),
    plays: ({ body }) => agent.takePlays(body.plays),
    screens: () => ({ screens: agent.screens() }),
    reportScreen: ({ params, body }) => agent.report(params.screenId, body),
    pictureScreen: ({ params, body }) => agent.picture(params.screenId, body),
    raiseEmergency: ({ body }) => agent.raise(body),
    emergency: () => ({ emergencies: agent.emergencies() }),
    delay: ({ body }) => agent.delay(body),
    queue: ({ body }) => agent.queue(body),
    sendCommand: ({ body }) => agent.sendCommand(body),
    command: ({ params }) => agent.command(params.commandId),
    commandResult: ({ params, body }) => {
      if (params.commandId === body.commandId) return agent.answerCommand(body);
      throw new FoyerError('bad-request', 'The path and the body name different commands.');
    },
  };
}
