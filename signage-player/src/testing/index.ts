export { FakeAgent } from './fake-agent.ts';
export { MediaServer } from './media-server.ts';
export { Stand } from './stand.ts';
