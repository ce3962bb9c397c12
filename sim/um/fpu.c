// SPDX-License-Identifier: GPL-2.0
/*
 * Guest FPU state.  A UML kernel has no FPU context of its own to switch: the
 * state lives in memory all the time, as it does on x86 outside of KVM_RUN.
 */
#include <linux/kvm_host.h>
#include <linux/vmalloc.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xstate.h>

void switch_fpu_return(void) { }
bool fpu_alloc_guest_fpstate(struct fpu_guest *gfpu)
{
	unsigned int size = sizeof(struct fpstate) + 4096;
	struct fpstate *fpstate = vzalloc(size);

	if (!fpstate)
		return false;
	fpstate->is_valloc = fpstate->is_guest = true;
	fpstate->size = fpstate->user_size = 832;
	fpstate->xfeatures = fpstate->user_xfeatures = XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM;
	fpstate->regs.fxsave.cwd = 0x37f;
	fpstate->regs.fxsave.mxcsr = 0x1f80;
	gfpu->fpstate = fpstate;
	gfpu->xfeatures = fpstate->xfeatures;
	gfpu->uabi_size = sizeof(struct kvm_xsave);
	return true;
}
void fpu_free_guest_fpstate(struct fpu_guest *gfpu)
{
	vfree(gfpu->fpstate);
	gfpu->fpstate = NULL;
}
int fpu_swap_kvm_fpstate(struct fpu_guest *gfpu, bool enter)
{
	if (gfpu->fpstate)
		gfpu->fpstate->in_use = enter;
	return 0;
}
int fpu_enable_guest_xfd_features(struct fpu_guest *gfpu, u64 xf)
{
	return xf & ~gfpu->xfeatures ? -EPERM : 0;
}
void fpu_update_guest_xfd(struct fpu_guest *gfpu, u64 xfd) { }
void fpu_sync_guest_vmexit_xfd_state(void) { }
void fpstate_clear_xstate_component(struct fpstate *fpstate, unsigned int xfeature) { }
u64 xstate_get_guest_group_perm(void) { return XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM; }
void *get_xsave_addr(struct xregs_state *xsave, int nr) { return NULL; }
void fpu_copy_guest_fpstate_to_uabi(struct fpu_guest *gfpu, void *buf, unsigned int size,
				    u64 xfeatures, u32 pkru)
{
	memcpy(buf, &gfpu->fpstate->regs, min(size, 832u));
}
int fpu_copy_uabi_to_guest_fpstate(struct fpu_guest *gfpu, const void *buf, u64 xcr0, u32 *vpkru)
{
	const union fpregs_state *u = buf;

	if (u->xsave.header.xfeatures & ~xcr0)
		return -EINVAL;
	memcpy(&gfpu->fpstate->regs, buf, 832);
	return 0;
}
