// Run as root: gives its rights away once everything is loaded, then opens the endpoint and prints the error.
import { driver } from '@virt-drivers/driver-libvirt';

const [, , target] = process.argv;
process.setgroups([]);
process.setegid(65534);
process.seteuid(65534);
try {
  await (await driver.open({ target })).close();
  console.log(JSON.stringify({ code: 'opened' }));
} catch (error) {
  console.log(JSON.stringify(error));
}
