/** The CSV to fill in: header and two made-up rows. UTF-8 with BOM, so that a spreadsheet shows Thai right. */

export const CSV_TEMPLATE = [
  '\ufeffname_th,name_en,type,sector,parent,province,domains,exclude,contact,position,email,phone,language',
  'กรมการศึกษาตัวอย่าง,Department of Example Education,state_agency,public_service,กระทรวงตัวอย่าง,กรุงเทพมหานคร,edu-dept.example mail.edu-dept.example,,สมหญิง ตัวอย่างดี,หัวหน้ากลุ่มความมั่นคงปลอดภัย,soc@edu-dept.example,+66 2 000 0000,th',
  'มหาวิทยาลัยสมมติ,Example University,university,others,,ขอนแก่น,university.example,alumni.university.example,Example Duty Officer,Head of IT security,cert@university.example,+66 43 000 000,en',
  '',
].join('\r\n');
