// Express with Okta's own verifier of access tokens, in front of orders and invoices.
const express = require('@installed@/node_modules/express');
const OktaJwtVerifier = require('@installed@/node_modules/@okta/jwt-verifier');

const verifier = new OktaJwtVerifier({
  issuer: '@issuer@',
  // Above it, a token with an unknown `kid` waits its turn: six seconds each at the default of 10.
  jwksRequestsPerMinute: 600,
  testing: { disableHttpsCheck: true },
});

function refuse(response, status, challenge) {
  response.set('WWW-Authenticate', challenge).sendStatus(status);
}

function holder(isEnough, scopes) {
  return async (request, response, next) => {
    // Three segments, none empty: the verifier throws outside of its promise at any other token.
    const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) {
      return refuse(response, 401, 'Bearer realm="api"');
    }
    let claims;
    try {
      ({ claims } = await verifier.verifyAccessToken(token, '@audience@'));
    } catch {
      return refuse(response, 401, 'Bearer error="invalid_token"');
    }
    if (!isEnough(scopes, (scope) => claims.scp?.includes(scope))) {
      return refuse(response, 403, `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`);
    }
    next();
  };
}

const every = (...scopes) => holder((all, holds) => all.every(holds), scopes);
const some = (...scopes) => holder((all, holds) => all.some(holds), scopes);

async function fromUpstream(request, response) {
  const { method, originalUrl } = request;
  const headers = { 'content-type': 'application/json', 'idempotency-key': request.get('idempotency-key') ?? '' };
  const body = method === 'POST' && request.body?.length ? request.body : undefined;
  const answer = await fetch('@api_url@' + originalUrl, { method, headers, body });
  response.status(answer.status).type('json').send(await answer.text());
}

const app = express();
app.enable('strict routing');
app.enable('case sensitive routing');
app.use(express.raw({ type: () => true }));
app.get('/orders', every('orders:read'), fromUpstream);
app.post('/orders', every('orders:write'), fromUpstream);
app.get('/invoices', every('invoices:read'), fromUpstream);
app.post('/invoices/F-1/approval', every('invoices:read', 'invoices:approve'), fromUpstream);
app.post('/search', some('orders:read', 'invoices:read'), fromUpstream);
app.get('/profile', every(), fromUpstream);
app.get('/health', fromUpstream);
app.listen(@port@, '127.0.0.1');
