/** What each plan of `plans.test.ts` does, line by line. A change here is a change of what users are promised. */
export const GOLDEN_PLANS: Readonly<Record<string, string>> = {
  rebuild: `
mark record
stop machine
create I-root.2
create I-ephemeral0.2
create I-swap.2
detach other/data
detach I-config
detach I-swap
detach I-ephemeral0
detach I-root
attach I-root.2
attach I-ephemeral0.2
attach I-swap.2
attach I-config
attach other/data
start machine
commit record
remove I-root
remove I-ephemeral0
remove I-swap
finish record
+ main/I-root.2 8388608 image
+ main/I-ephemeral0.2 4194304 blank
+ main/I-swap.2 2097152 blank
! interrupts`,
  'rebuild, ephemerals kept': `
mark record
stop machine
create I-root.2
detach other/data
detach I-config
detach I-swap
detach I-ephemeral0
detach I-root
attach I-root.2
attach I-ephemeral0
attach I-swap
attach I-config
attach other/data
start machine
commit record
remove I-root
finish record
+ main/I-root.2 8388608 image
! interrupts`,
  rescue: `
mark record
stop machine
create I-rescue
detach other/data
detach I-config
detach I-swap
detach I-ephemeral0
detach I-root
attach I-rescue
attach I-root
attach I-ephemeral0
attach I-swap
attach I-config
attach other/data
start machine
commit record
finish record
+ main/I-rescue 6291456 image
! interrupts`,
  unrescue: `
mark record
stop machine
detach other/data
detach I-config
detach I-swap
detach I-ephemeral0
detach I-root
detach I-rescue
attach I-root
attach I-ephemeral0
attach I-swap
attach I-config
attach other/data
start machine
commit record
remove I-rescue
finish record
! interrupts`,
  resize: `
mark record
stop machine
create I-root.2
create I-ephemeral0.2
create I-ephemeral1
create I-swap.2
detach other/data
detach I-config
detach I-swap
detach I-ephemeral0
detach I-root
attach I-root.2
attach I-ephemeral0.2
attach I-ephemeral1
attach I-swap.2
attach I-config
attach other/data
start machine
commit record
finish record
+ main/I-root.2 16777216 copy of I-root
+ main/I-ephemeral0.2 4194304 copy of I-ephemeral0
+ main/I-ephemeral1 1048576 blank
+ main/I-swap.2 3145728 blank
= I-root
= I-ephemeral0
= I-swap
! interrupts`,
  'resize of a stopped machine alone': `
mark record
change machine
commit record
finish record`,
  'resize without swap': `
mark record
stop machine
detach other/data
detach I-config
detach I-swap
attach I-config
attach other/data
start machine
commit record
finish record
= I-swap
! interrupts`,
  confirm: `
mark record
commit record
remove I-root
remove I-ephemeral0
remove I-swap
finish record`,
  revert: `
mark record
stop machine
detach other/data
detach I-config
detach I-swap.2
detach I-ephemeral1
detach I-ephemeral0.2
detach I-root.2
attach I-root
attach I-ephemeral0
attach I-swap
attach I-config
attach other/data
start machine
commit record
remove I-root.2
remove I-ephemeral0.2
remove I-ephemeral1
remove I-swap.2
finish record
! interrupts`,
  'image to a volume': `
mark record
quiesce guest
save machine
create golden
restore machine
thaw guest
commit record
finish record
+ main/golden 8388608 copy of I-root`,
  'image that leaves': `
mark record
stop machine
create I-image
start machine
commit record
send image
remove I-image
finish record
+ main/I-image 8388608 copy of I-root
! interrupts`,
  attach: `
mark record
attach other/more
commit record
finish record`,
  detach: `
mark record
detach other/data
commit record
finish record`,
  'detach of a volume before the drives of another bus': `
mark record
detach other/data
commit record
finish record`,
  extend: `
mark record
grow other/data
commit record
finish record`,
  'swap of an own disk': `
mark record
stop machine
create I-ephemeral0.2
detach other/data
detach I-config
detach I-swap
detach I-ephemeral0
attach I-ephemeral0.2
attach I-swap
attach I-config
attach other/data
start machine
commit record
remove I-ephemeral0
finish record
+ fast/I-ephemeral0.2 4194304 copy of I-ephemeral0
! interrupts`,
  'swap of an attached volume': `
mark record
stop machine
create data2
detach other/data
attach other/data2
start machine
commit record
finish record
+ other/data2 1048576 copy of data
! interrupts`,
};
