// A certified OpenID provider (npm oidc-provider) on loopback, with policies as strict as it has them.
//
// node provider.mjs '{"base_urls": ["http://127.0.0.1:3000/"], "clients": [{"id": "..", "secret": "..",
//   "method": "client_secret_basic"}], "access_token_seconds": 300, "id_token_algorithm": "RS256"}'
//
// Prints one line of JSON, {"issuer": ".."}, once it listens; its log goes to stderr.
// For the test, on the same port: GET /test/counts, GET /test/refresh_tokens, POST /test/rotate_keys.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Provider, errors } from 'oidc-provider';

const APIS = {
  'https://api.shop.example': 'read:products write:products',
  'https://billing.shop.example': 'read:invoices',
};

const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA',
];

const settings = JSON.parse(process.argv[2]);
const counts = { authorization_code: 0, refresh_token: 0, refused: 0, revoked: 0, userinfo: 0 };
const refreshTokens = [];
let keys = signingKeys();

// The provider ends with the test that started it, however that ends.
process.stdin.resume().on('end', () => process.exit());

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;
// Its word to the test is one line; what the library says besides goes to the log.
console.info = console.error;
let provider = build();
server.on('request', answer);
console.log(JSON.stringify({ issuer }));

function build() {
  const built = new Provider(issuer, {
    clients: settings.clients.map(client),
    jwks: { keys },
    enabledJWA: { idTokenSigningAlgValues: ALGORITHMS },
    scopes: ['openid', 'offline_access', ...Object.values(APIS).flatMap((scopes) => scopes.split(' '))],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} of Test`, email: `${id}@test.example`, email_verified: true }),
    }),
    // A refresh token is spent once; a second use kills the grant.
    rotateRefreshToken: true,
    pkce: { required: () => true },
    cookies: { keys: [randomUUID()] },
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => false,
        getResourceServerInfo: (_, resource) => {
          if (!Object.hasOwn(APIS, resource)) throw new errors.InvalidTarget();
          return {
            scope: APIS[resource],
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: settings.access_token_seconds,
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
    ttl: {
      AccessToken: settings.access_token_seconds,
      AuthorizationCode: 60,
      IdToken: 3600,
      RefreshToken: 86400,
      Session: 86400,
      Interaction: 600,
      Grant: 86400,
    },
  });
  built.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'token' && ctx.body?.refresh_token) refreshTokens.push(ctx.body.refresh_token);
    if (ctx.oidc?.route === 'revocation' && ctx.status === 200) counts.revoked += 1;
    if (ctx.oidc?.route === 'userinfo' && ctx.status === 200) counts.userinfo += 1;
  });
  built.on('grant.success', (ctx) => { counts[ctx.oidc.params.grant_type] += 1; });
  built.on('grant.error', (ctx, error) => {
    counts.refused += 1;
    console.error(`token endpoint refused: ${error.error} (${error.error_description}) ${error.error_detail ?? ''}`);
  });
  built.on('authorization.error', (_, error) => console.error(`authorization: ${error.error} (${error.error_description})`));
  built.on('server_error', (_, error) => console.error(error));
  return built;
}

function client({ id, secret, method }) {
  return {
    client_id: id,
    ...(secret ? { client_secret: secret } : {}),
    token_endpoint_auth_method: method,
    id_token_signed_response_alg: settings.id_token_algorithm,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: settings.base_urls.map((base) => `${base}auth/callback`),
    post_logout_redirect_uris: settings.base_urls,
  };
}

function answer(request, response) {
  const json = (value) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  switch (request.url) {
    case '/test/counts':
      return json(counts);
    case '/test/refresh_tokens':
      return json(refreshTokens);
    case '/test/rotate_keys':
      // The old keys are gone at once; tokens, codes and sessions live on in the provider's memory.
      keys = signingKeys();
      provider = build();
      return json({ rotated: keys.length });
    default:
      return provider.callback()(request, response);
  }
}

function signingKeys() {
  const pairs = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ed25519'),
  ];
  return pairs.map(({ privateKey }) => ({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' }));
}
