// local-client.mjs LIBRARY URI OPTIONS: opens a connection as the user that runs it, and prints what came of it as JSON.
const [library, uri, options] = process.argv.slice(2);
const { connectGetUri, domainDefineXmlFlags, domainUndefineFlags, openConnection } = await import(library);
const XML = '<domain type="qemu"><name>local</name><memory unit="MiB">64</memory><os><type>hvm</type></os></domain>';

async function changes(connection) {
  return domainDefineXmlFlags(connection, XML)
    .then((domain) => domainUndefineFlags(connection, domain))
    .then(
      () => true,
      (error) => error.code,
    );
}

async function run() {
  const { change, ...connect } = JSON.parse(options);
  const connection = await openConnection(uri, connect);
  const told = { uri: await connectGetUri(connection), ...(change && { changes: await changes(connection) }) };
  await connection.close();
  return told;
}

console.log(JSON.stringify(await run().catch(({ code, message }) => ({ code, message }))));
