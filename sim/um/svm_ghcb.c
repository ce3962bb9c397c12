// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's side of the GHCB: what the #VC handler and the drivers of a guest
 * with encrypted registers do to ask the hypervisor.
 */
#include <linux/bits.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <asm/sev-common.h>

#include "svm/svm.h"
#include "svm_vmrun.h"

#define VMGEXIT_LEN	4

/* FIDELITY(#VC handler): simplified - the script is the handler; the requests are those of a guest [GHCB protocol 2] */

/* A request for MSR protocol; false: the operation makes none */
static bool msr_request(struct vmrun *v, struct sim_script_op *op, u64 *val)
{
	switch (op->op) {
	case SIM_SCRIPT_GHCB_MSR:
		*val = op->arg[0];
		return true;
	case SIM_SCRIPT_GHCB_REGISTER:
		*val = GHCB_MSR_REG_GPA_REQ_VAL(op->gpa >> PAGE_SHIFT);
		return true;
	case SIM_SCRIPT_TERMINATE:
		*val = GHCB_MSR_TERM_REQ | GHCB_SEV_TERM_REASON(op->arg[0], op->arg[1]);
		return !(op->flags & SIM_SCRIPT_F_EVENT);
	case SIM_SCRIPT_PSC:
		*val = GHCB_MSR_PSC_REQ_GFN((op->gpa + v->s->off) >> PAGE_SHIFT, op->arg[0]);
		return op->flags & SIM_SCRIPT_F_MSR;
	}
	return false;
}

static enum sim_step msr_exit(struct vmrun *v, u64 val)
{
	v->c->ghcb_gpa = val;
	v->s->phase = SIM_PHASE_MSR;
	v->rip += VMGEXIT_LEN;
	return sim_svm_exit(v, SVM_EXIT_VMGEXIT, 0, 0);
}

static enum sim_step msr_response(struct vmrun *v, struct sim_script_op *op)
{
	struct sim_script_result *r = sim_cur_res(v);
	u64 resp = v->c->ghcb_gpa;

	r->value[0] = resp;
	switch (op->op) {
	case SIM_SCRIPT_GHCB_REGISTER:
		r->rc = GHCB_RESP_CODE(resp) != GHCB_MSR_REG_GPA_RESP ||
			resp >> PAGE_SHIFT != op->gpa >> PAGE_SHIFT;
		if (!r->rc)
			v->s->ghcb_gpa = op->gpa;
		break;
	case SIM_SCRIPT_PSC:
		r->rc = GHCB_RESP_CODE(resp) != GHCB_MSR_PSC_RESP ||
			GHCB_MSR_PSC_RESP_VAL(resp);
		v->s->off += PAGE_SIZE;
		if (!r->rc && v->s->off < op->size) {
			v->s->phase = SIM_PHASE_START;
			return SIM_STEP_NEXT;
		}
		break;
	}
	return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
}

/* The GHCB page */

static void fill_psc(struct vmrun *v, struct sim_script_op *op, struct ghcb *g)
{
	struct psc_hdr *hdr = (void *)g->shared_buffer;
	struct psc_entry *e = (void *)(hdr + 1);
	bool huge = op->flags & SIM_SCRIPT_F_2M;
	u64 unit = huge ? SZ_2M : PAGE_SIZE;
	u32 i, n;

	n = min_t(u64, (op->size - v->s->off) / unit, VMGEXIT_PSC_MAX_COUNT - 1);
	for (i = 0; i < n; i++) {
		e[i] = (struct psc_entry) {
			.gfn = (op->gpa + v->s->off + i * unit) >> PAGE_SHIFT,
			.operation = op->arg[0],
			.pagesize = huge,
		};
	}
	hdr->end_entry = n - 1;
	v->s->chunk = n * unit;
}

static void fill_mmio(struct vmrun *v, struct sim_script_op *op, struct ghcb *g)
{
	u64 gpa = op->gpa + v->s->off;
	u32 i, len;

	len = min_t(u64, op->size - v->s->off, 1ull << __ffs(gpa | 8));
	len = rounddown_pow_of_two(len);
	v->s->chunk = len;
	ghcb_set_sw_exit_code(g, op->op == SIM_SCRIPT_WRITE ? SVM_VMGEXIT_MMIO_WRITE :
							      SVM_VMGEXIT_MMIO_READ);
	ghcb_set_sw_exit_info_1(g, gpa);
	ghcb_set_sw_exit_info_2(g, len);
	if (op->op == SIM_SCRIPT_READ)
		return;
	for (i = 0; i < len; i++)
		g->shared_buffer[i] = op->flags & SIM_SCRIPT_F_DATA ?
				      v->s->data[op->arg[0] + v->s->off + i] :
				      op->arg[0] >> (8 * ((v->s->off + i) % 8));
}

static void set_scratch(struct vmrun *v, struct ghcb *g)
{
	ghcb_set_sw_scratch(g, v->s->ghcb_gpa + offsetof(struct ghcb, shared_buffer));
}

static void fill(struct vmrun *v, struct sim_script_op *op)
{
	struct ghcb *g = (void *)v->s->page;
	u64 code = 0, info1 = 0, info2 = 0;

	memset(g, 0, sizeof(*g));
	g->protocol_version = 2;

	switch (op->op) {
	case SIM_SCRIPT_READ:
	case SIM_SCRIPT_WRITE:
		fill_mmio(v, op, g);
		set_scratch(v, g);
		return;
	case SIM_SCRIPT_VMGEXIT:
		code = op->arg[0];
		info1 = op->arg[1];
		info2 = op->arg[2];
		ghcb_set_rax(g, op->arg[3]);
		ghcb_set_cpl(g, 0);
		if (op->flags & SIM_SCRIPT_F_DATA) {
			memcpy(g->shared_buffer, v->s->data + op->gpa, op->size);
			set_scratch(v, g);
		} else if (op->gpa) {
			ghcb_set_sw_scratch(g, op->gpa);
		}
		break;
	case SIM_SCRIPT_PSC:
		code = SVM_VMGEXIT_PSC;
		fill_psc(v, op, g);
		set_scratch(v, g);
		break;
	case SIM_SCRIPT_AP_CREATE:
		code = SVM_VMGEXIT_AP_CREATION;
		info1 = op->arg[0] << 32 | op->arg[1];
		info2 = op->gpa;
		ghcb_set_rax(g, op->arg[2]);
		break;
	case SIM_SCRIPT_CPUID:
		code = SVM_EXIT_CPUID;
		ghcb_set_rax(g, op->arg[0]);
		ghcb_set_rcx(g, op->arg[1]);
		if (op->arg[0] == 0xd)
			ghcb_set_xcr0(g, 1);
		break;
	case SIM_SCRIPT_WRMSR:
		ghcb_set_rax(g, lower_32_bits(op->arg[1]));
		ghcb_set_rdx(g, upper_32_bits(op->arg[1]));
		info1 = 1;
		fallthrough;
	case SIM_SCRIPT_RDMSR:
		code = SVM_EXIT_MSR;
		ghcb_set_rcx(g, op->arg[0]);
		break;
	case SIM_SCRIPT_OUT:
		ghcb_set_rax(g, op->arg[1]);
		fallthrough;
	case SIM_SCRIPT_IN:
		code = SVM_EXIT_IOIO;
		info1 = op->arg[0] << 16 | 4 << SVM_IOIO_ASIZE_SHIFT |
			op->size << SVM_IOIO_SIZE_SHIFT |
			(op->op == SIM_SCRIPT_IN ? SVM_IOIO_TYPE_MASK : 0);
		/* KVM merges the bytes it reads into RAX. */
		if (op->op == SIM_SCRIPT_IN)
			ghcb_set_rax(g, 0);
		break;
	case SIM_SCRIPT_VMMCALL:
		code = SVM_EXIT_VMMCALL;
		ghcb_set_rax(g, op->arg[0]);
		ghcb_set_rbx(g, op->arg[1]);
		ghcb_set_rcx(g, op->arg[2]);
		ghcb_set_rdx(g, op->arg[3]);
		ghcb_set_rsi(g, op->gpa);
		ghcb_set_cpl(g, 0);
		break;
	case SIM_SCRIPT_TERMINATE:
		code = SVM_VMGEXIT_TERM_REQUEST;
		info1 = SVM_VMGEXIT_TERM_REASON(op->arg[0], op->arg[1]);
		break;
	}
	ghcb_set_sw_exit_code(g, code);
	ghcb_set_sw_exit_info_1(g, info1);
	ghcb_set_sw_exit_info_2(g, info2);
}

/* Ask again for the rest of a request that was done in part. */
static enum sim_step psc_again(struct vmrun *v, struct sim_script_op *op, struct ghcb *g)
{
	memset(g->save.valid_bitmap, 0, sizeof(g->save.valid_bitmap));
	ghcb_set_sw_exit_code(g, SVM_VMGEXIT_PSC);
	ghcb_set_sw_exit_info_1(g, 0);
	ghcb_set_sw_exit_info_2(g, 0);
	set_scratch(v, g);
	v->s->phase = SIM_PHASE_GHCB_WRITE;
	return SIM_STEP_NEXT;
}

static enum sim_step psc_response(struct vmrun *v, struct sim_script_op *op, struct ghcb *g)
{
	struct psc_hdr *hdr = (void *)g->shared_buffer;
	struct sim_script_result *r = sim_cur_res(v);

	r->value[0] = g->save.sw_exit_info_2;
	r->value[1] = hdr->cur_entry;
	r->value[2] = hdr->end_entry;
	if (g->save.sw_exit_info_2) {
		r->rc = upper_32_bits(g->save.sw_exit_info_2) ?: 1;
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
	}
	if (hdr->cur_entry <= hdr->end_entry) {
		/* No progress at all would go on for ever. */
		if (v->s->iter++ >= v->s->max_retries)
			return sim_svm_finish(v, SIM_SCRIPT_STUCK, 0);
		return psc_again(v, op, g);
	}
	v->s->iter = 0;
	v->s->off += v->s->chunk;
	if (v->s->off >= op->size)
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
	v->s->phase = SIM_PHASE_START;
	return SIM_STEP_NEXT;
}

static enum sim_step mmio_response(struct vmrun *v, struct sim_script_op *op, struct ghcb *g)
{
	struct sim_script_result *r = sim_cur_res(v);
	u64 off = v->s->off, want;
	u32 i;

	r->flags |= SIM_SCRIPT_R_EMULATED;
	for (i = 0; op->op == SIM_SCRIPT_READ && i < v->s->chunk; i++) {
		u8 b = g->shared_buffer[i];

		if (off + i < sizeof(r->value))
			((u8 *)r->value)[off + i] = b;
		if (!(op->flags & SIM_SCRIPT_F_COMPARE)) {
			if (op->flags & SIM_SCRIPT_F_DATA)
				v->s->data[op->arg[0] + off + i] = b;
			continue;
		}
		want = op->flags & SIM_SCRIPT_F_DATA ? v->s->data[op->arg[0] + off + i] :
		       op->arg[0] >> (8 * ((off + i) % 8));
		if (b != (u8)want && !(r->flags & SIM_SCRIPT_R_MISMATCH)) {
			r->flags |= SIM_SCRIPT_R_MISMATCH;
			r->mismatch = off + i;
		}
	}
	v->s->off += v->s->chunk;
	v->s->phase = SIM_PHASE_START;
	if (v->s->off >= op->size)
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
	return SIM_STEP_NEXT;
}

static enum sim_step response(struct vmrun *v, struct sim_script_op *op)
{
	struct ghcb *g = (void *)v->s->page;
	struct sim_script_result *r = sim_cur_res(v);
	u64 info1 = lower_32_bits(g->save.sw_exit_info_1);
	u64 info2 = g->save.sw_exit_info_2;

	if (op->op == SIM_SCRIPT_VMGEXIT) {
		r->rc = info1;
		r->value[0] = info2;
		r->value[1] = g->save.rax;
		r->value[2] = g->save.rbx;
		if (op->flags & SIM_SCRIPT_F_DATA)
			memcpy(v->s->data + op->gpa, g->shared_buffer, op->size);
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
	}
	switch (info1) {
	case GHCB_HV_RESP_NO_ACTION:
		break;
	case GHCB_HV_RESP_ISSUE_EXCEPTION:
		r->rc = info2 & SVM_EVTINJ_VEC_MASK;
		return sim_svm_finish(v, SIM_SCRIPT_EXCEPTION, 0);
	default:
		r->rc = lower_32_bits(info2);
		return sim_svm_finish(v, SIM_SCRIPT_REFUSED, 0);
	}

	switch (op->op) {
	case SIM_SCRIPT_READ:
	case SIM_SCRIPT_WRITE:
		return mmio_response(v, op, g);
	case SIM_SCRIPT_PSC:
		return psc_response(v, op, g);
	case SIM_SCRIPT_CPUID:
		r->value[0] = lower_32_bits(g->save.rax);
		r->value[1] = lower_32_bits(g->save.rbx);
		r->value[2] = lower_32_bits(g->save.rcx);
		r->value[3] = lower_32_bits(g->save.rdx);
		break;
	case SIM_SCRIPT_RDMSR:
		r->value[0] = lower_32_bits(g->save.rax) | g->save.rdx << 32;
		break;
	case SIM_SCRIPT_IN:
		r->value[0] = g->save.rax & GENMASK_ULL(op->size * 8 - 1, 0);
		break;
	case SIM_SCRIPT_VMMCALL:
		r->value[0] = g->save.rax;
		break;
	default:
		r->value[0] = info2;
	}
	return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
}

enum sim_step sim_ghcb_step(struct vmrun *v)
{
	struct sim_script_op *op = sim_cur_op(v);
	struct sim_script *s = v->s;
	enum sim_acc acc;
	u64 val;

	switch (s->phase) {
	case SIM_PHASE_MSR:
		return msr_response(v, op);
	case SIM_PHASE_GHCB_READ:
		acc = sim_svm_access(v, s->ghcb_gpa, s->page, PAGE_SIZE, false, 0);
		if (acc != SIM_ACC_OK)
			return sim_svm_failed(v, acc, 0);
		return response(v, op);
	case SIM_PHASE_GHCB_WRITE:
		break;
	default:
		if (msr_request(v, op, &val))
			return msr_exit(v, val);
		if (!s->ghcb_gpa) {
			/* No way to ask: the exception stays unhandled. */
			sim_cur_res(v)->rc = SVM_EXIT_VMGEXIT;
			return sim_svm_finish(v, SIM_SCRIPT_VC, 0);
		}
		fill(v, op);
		s->phase = SIM_PHASE_GHCB_WRITE;
	}

	acc = sim_svm_access(v, s->ghcb_gpa, s->page, PAGE_SIZE, true, 0);
	if (acc != SIM_ACC_OK)
		return sim_svm_failed(v, acc, 0);
	v->c->ghcb_gpa = s->ghcb_gpa;
	s->phase = SIM_PHASE_GHCB_READ;
	v->rip += VMGEXIT_LEN;
	return sim_svm_exit(v, SVM_EXIT_VMGEXIT, 0, 0);
}
